//! Labels of the page: proxy, containers, front door, generator.

use crate::report::words::label;
use crate::slo::Label;

pub(in crate::report) const PROXY: Label = label("Time seen by the proxy:", "Temps vu par le proxy :");
pub(in crate::report) const CONTAINERS: Label = label("Containers", "Conteneurs");
pub(in crate::report) const CONTAINERS_NOTE: Label = label(
    "Judged window, CPU in cores. Throttled: share of the scheduling periods in which the CPU limit held the service back, which \
     does not show in its CPU use, and the time its tasks lost by it, summed over processors. Memory without the page cache that \
     the kernel would give up first. Behind a limit: what production's table says.",
    "Fenêtre jugée, processeur en cœurs. Bridage : part des périodes d’ordonnancement où la limite a retenu le service, ce que sa \
     consommation ne montre pas, et temps ainsi perdu par ses tâches, additionné sur les processeurs. Mémoire hors du cache que \
     le noyau libérerait d’abord. À côté d’une limite : celle que prévoit le tableau de production.",
);
pub(in crate::report) const MOVED_NOTE: Label = label(
    "Waited: share of the time in which some task of the service waited for a processor, for memory, for a disk (pressure stall \
     information). Page faults: those that had to wait for a disk are major. –: nobody counts it here, as recent kernels do not \
     count disks in cgroup v1.",
    "Attente : part du temps où une tâche du service attendait un processeur, de la mémoire ou un disque (informations de \
     pression du noyau). Défauts de page : ceux qui ont dû attendre un disque sont majeurs. – : non compté ici, les noyaux récents \
     ne comptant pas les disques en cgroup v1.",
);
pub(in crate::report) const FRONT_DOOR: Label =
    label("Availability of the front door", "Disponibilité de la porte d’entrée");
pub(in crate::report) const SECOND: Label = label("second", "seconde");
pub(in crate::report) const NO_ANSWER: Label = label("no answer", "aucune réponse");
pub(in crate::report) const GENERATOR: Label = label("The generator itself", "Le générateur lui-même");
pub(in crate::report) const GENERATOR_CORES: Label = label("Cores it may use", "Cœurs à sa disposition");
pub(in crate::report) const GENERATOR_CPU: Label = label("CPU of the harness, mean", "Processeur de Diapason, moyenne");
pub(in crate::report) const LOAD_THREAD: Label =
    label("Load thread, busiest second", "Fil de charge, seconde la plus chargée");
pub(in crate::report) const RUN_QUEUE: Label = label(
    "Load thread waiting for a processor, mean",
    "Fil de charge en attente d’un processeur, moyenne",
);
pub(in crate::report) const HOST_CPU: Label = label(
    "CPU of the whole host, mean",
    "Processeur de toute la machine hôte, moyenne",
);
pub(in crate::report) const STEAL: Label = label("Taken by the hypervisor, mean", "Pris par l’hyperviseur, moyenne");
pub(in crate::report) const RUNNABLE: Label = label(
    "Processes running or ready on the host, most",
    "Processus actifs ou prêts sur la machine hôte, maximum",
);
pub(in crate::report) const RETRANSMITS: Label = label("TCP segments sent again", "Segments TCP renvoyés");
pub(in crate::report) const GENERATOR_MEMORY: Label = label("Memory, highest", "Mémoire, maximum");
