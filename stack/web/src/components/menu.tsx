"use client";

import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { clearSession, useUser } from "@/lib/session";

const PAGES = [
  { path: "/dashboard", label: "Tableau de bord" },
  { path: "/projects", label: "Projets" },
  { path: "/tasks", label: "Tâches" },
  { path: "/planning", label: "Planning" },
];

export function Menu() {
  const user = useUser();
  const current = usePathname();
  const router = useRouter();

  function signOut() {
    clearSession();
    router.replace("/login");
  }

  return (
    <nav className="menu">
      <strong>Orchestr&apos;A</strong>
      {PAGES.map(({ path, label }) => (
        <Link key={path} href={path} aria-current={current.startsWith(path) ? "page" : undefined}>
          {label}
        </Link>
      ))}
      <span className="menu-user">
        {user.firstName} {user.lastName}
      </span>
      <button type="button" onClick={signOut}>
        Déconnexion
      </button>
    </nav>
  );
}
