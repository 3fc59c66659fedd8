import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TestApplication } from './harness';

let api: TestApplication;

before(async () => {
  api = await TestApplication.start();
  await api.register('jeanne', 'MANAGER');
});
after(() => api.stop());

interface Page {
  status: number;
  body: string;
  location?: string;
  sid?: string;
}

async function page(method: 'GET' | 'POST', path: string, sid?: string, form?: string, type?: string): Promise<Page> {
  const response = await api.application.inject({
    method,
    url: `/classic${path}`,
    headers: {
      ...(sid ? { cookie: `theme=dark; sid=${sid}` } : {}),
      ...(form === undefined ? {} : { 'content-type': type ?? 'application/x-www-form-urlencoded' }),
    },
    payload: form,
  });
  const cookie = [response.headers['set-cookie'] ?? ''].flat()[0] ?? '';
  return {
    status: response.statusCode,
    body: response.body,
    location: response.headers.location?.toString(),
    sid: /^sid=([^;]*)/.exec(cookie)?.[1],
  };
}

function tokenOf(body: string): string {
  return /name="(?:_token|csrf-token)" (?:value|content)="([^"]+)"/.exec(body)?.[1] ?? '';
}

async function logIn(password = 'Password123!'): Promise<Page & { before: string }> {
  const form = await page('GET', '/login');
  const fields = new URLSearchParams({ _token: tokenOf(form.body), login: 'jeanne', password });
  return { ...(await page('POST', '/login', form.sid, fields.toString())), before: form.sid ?? '' };
}

test('the form logs in, and the session changes its id', async () => {
  const answer = await logIn();
  assert.equal(answer.status, 303);
  assert.equal(answer.location, '/classic/tasks');
  assert.ok(answer.sid && answer.sid !== answer.before);
  const list = await page('GET', '/tasks', answer.sid);
  assert.equal(list.status, 200);
  assert.match(list.body, /<p class="user">jeanne<\/p>/);
  assert.equal((await page('GET', '/tasks', answer.before)).location, '/classic/login');
});

test('a wrong password is the form again, and a form without its token is refused', async () => {
  const wrong = await logIn('wrong password');
  assert.equal(wrong.status, 200);
  assert.match(wrong.body, /class="error">Login ou mot de passe incorrect/);
  const form = await page('GET', '/login');
  const forged = await page('POST', '/login', form.sid, 'login=jeanne&password=Password123!&_token=x');
  assert.equal(forged.status, 403);
  assert.equal((await page('POST', '/login', undefined, 'login=jeanne&password=Password123!')).status, 403);
});

test('a file is described, and nothing is seen after the log-out', async () => {
  const { sid } = await logIn();
  const token = tokenOf((await page('GET', '/tasks', sid)).body);
  const part = (head: string, text: string) => `--form-data-boundary-of-the-test\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
  const file = '--form-data-boundary-of-the-test\r\nContent-Disposition: form-data; name="file"; filename="a<b.csv"\r\nContent-Type: text/csv\r\n\r\na;b\r\n';
  const form = `${part('name="_token"', token)}${file}--form-data-boundary-of-the-test--\r\n`;
  const uploaded = await page('POST', '/files', sid, form, 'multipart/form-data; boundary=form-data-boundary-of-the-test');
  assert.equal(uploaded.status, 201, uploaded.body);
  assert.match(uploaded.body, /data-bytes="3" data-sha256="[0-9a-f]{64}" data-type="text\/csv">a&#60;b.csv</);
  assert.equal((await page('POST', '/files', sid, form.replace(token, 'x'), 'multipart/form-data; boundary=form-data-boundary-of-the-test')).status, 403);
  assert.equal((await page('POST', '/files', sid, `${part('name="_token"', token)}--form-data-boundary-of-the-test--\r\n`, 'multipart/form-data; boundary=form-data-boundary-of-the-test')).status, 400);
  assert.equal((await page('POST', '/logout', sid, `_token=${encodeURIComponent(token)}`)).status, 303);
  assert.equal((await page('GET', '/tasks', sid)).location, '/classic/login');
});

test('the feed is for those who answer its challenge', async () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const feed = (authorization?: string) =>
    api.application.inject({ method: 'GET', url: '/classic/feed', headers: authorization ? { authorization } : {} });
  const nonce = (header: unknown) => /nonce="([^"]+)"/.exec(String(header))?.[1] ?? '';
  const answer = (password: string, given: string) => {
    const response = hash([hash(`feed:reference:${password}`), given, '00000001', 'c', 'auth', hash('GET:/classic/feed')].join(':'));
    return `Digest username="feed", realm="reference", nonce="${given}", uri="/classic/feed", response="${response}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c"`;
  };
  const unknown = await feed();
  assert.equal(unknown.statusCode, 401);
  const given = nonce(unknown.headers['www-authenticate']);
  assert.equal((await feed(answer('feed-password-1', given))).statusCode, 200);
  const wrong = await feed(answer('wrong', given));
  assert.equal(wrong.statusCode, 401);
  assert.doesNotMatch(String(wrong.headers['www-authenticate']), /stale/);
  const foreign = await feed(answer('feed-password-1', 'x.y'));
  assert.match(String(foreign.headers['www-authenticate']), /stale=true/);
});
