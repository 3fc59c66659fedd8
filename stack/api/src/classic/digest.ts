import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const REALM = 'reference';
const NONCE_LIFETIME_MS = 60_000;
/** Whoever reads the feed: a program, not a person. */
const READER = { user: 'feed', password: 'feed-password-1' };

const key = randomBytes(32);

/** HTTP authentication by digest (RFC 7616, SHA-256, qop=auth): the challenge to answer, or nothing if it was answered. */
export function challenge(method: string, url: string, authorization: string | undefined): string | undefined {
  const given = fieldsOf(authorization);
  const isCurrent = given !== undefined && isOurs(given.nonce);
  if (given && isCurrent && given.uri === url && isEqual(given.response, responseTo(method, given))) {
    return undefined;
  }
  const stale = given && !isCurrent ? ', stale=true' : '';
  return `Digest realm="${REALM}", qop="auth", algorithm=SHA-256, nonce="${nonceAt(Date.now())}"${stale}`;
}

type Fields = Record<'username' | 'nonce' | 'uri' | 'response' | 'nc' | 'cnonce' | 'qop', string>;

function fieldsOf(authorization: string | undefined): Fields | undefined {
  if (!authorization?.startsWith('Digest ')) {
    return undefined;
  }
  const pairs = authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g);
  const fields = Object.fromEntries([...pairs].map(([, name, quoted, plain]) => [name, quoted ?? plain]));
  const names = ['username', 'nonce', 'uri', 'response', 'nc', 'cnonce', 'qop'];
  return names.every((name) => name in fields) ? (fields as Fields) : undefined;
}

function responseTo(method: string, { username, nonce, uri, nc, cnonce, qop }: Fields): string {
  const user = hash(`${username}:${REALM}:${username === READER.user ? READER.password : randomBytes(8).toString('hex')}`);
  return hash([user, nonce, nc, cnonce, qop, hash(`${method}:${uri}`)].join(':'));
}

function nonceAt(time: number): string {
  const text = time.toString(36);
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function isOurs(nonce: string): boolean {
  const time = parseInt(nonce.split('.')[0], 36);
  return isEqual(nonce, nonceAt(time)) && Date.now() - time < NONCE_LIFETIME_MS;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isEqual(given: string, wanted: string): boolean {
  return timingSafeEqual(Buffer.from(hash(given)), Buffer.from(hash(wanted)));
}
