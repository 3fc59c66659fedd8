/** Text as it may stand in HTML and in attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><title>${escaped(title)}</title>${head}</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}

export function loginPage(token: string, problem?: string): string {
  const told = problem ? `<p class="error">${escaped(problem)}</p>\n` : '';
  return page(
    'Connexion',
    '',
    `${told}<form method="post" action="/classic/login">
<input type="hidden" name="_token" value="${escaped(token)}">
<label>Login <input name="login" autocomplete="username"></label>
<label>Mot de passe <input name="password" type="password" autocomplete="current-password"></label>
<button type="submit">Se connecter</button>
</form>`,
  );
}

export interface ListedTask {
  id: string;
  title: string;
  status: string;
}

/** `next` is the number of the page after this one; the last has none. */
export function tasksPage(login: string, token: string, tasks: ListedTask[], next?: number): string {
  const rows = tasks.map(
    (task) => `<li class="task" data-id="${escaped(task.id)}" data-status="${escaped(task.status)}">${escaped(task.title)}</li>`,
  );
  return page(
    'Tâches',
    `<meta name="csrf-token" content="${escaped(token)}">`,
    `<p class="user">${escaped(login)}</p>
<ul>
${rows.join('\n')}
</ul>
${next === undefined ? '' : `<a rel="next" href="/classic/tasks?page=${next}">Suite</a>`}
<form method="post" action="/classic/logout"><input type="hidden" name="_token" value="${escaped(token)}"><button>Se déconnecter</button></form>`,
  );
}

export interface Upload {
  name: string;
  type: string;
  bytes: number;
  sha256: string;
}

export function uploadPage({ name, type, bytes, sha256 }: Upload): string {
  return page(
    'Fichier reçu',
    '',
    `<p class="uploaded" data-bytes="${bytes}" data-sha256="${sha256}" data-type="${escaped(type)}">${escaped(name)}</p>`,
  );
}

export function refusedPage(): string {
  return page('Formulaire expiré', '', '<p class="error">Le jeton du formulaire ne correspond pas à la session.</p>');
}
