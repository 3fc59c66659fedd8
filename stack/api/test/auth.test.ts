import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestApplication } from './harness';

let api: TestApplication;

before(async () => {
  api = await TestApplication.start();
});
after(() => api.stop());

test('a registered user logs in and reads who they are', async () => {
  await api.register('jeanne', 'MANAGER');
  const login = await api.call('POST', '/auth/login', undefined, { login: 'jeanne', password: 'Password123!' });
  assert.equal(login.status, 200);
  assert.equal(login.body.user.passwordHash, undefined);
  const me = await api.call('GET', '/auth/me', login.body.access_token);
  assert.equal(me.status, 200);
  assert.deepEqual(Object.keys(me.body), [
    'id', 'email', 'login', 'firstName', 'lastName', 'role', 'departmentId', 'isActive',
  ]);
  assert.equal(me.body.role, 'MANAGER');
});

test('a wrong password and an unknown login are refused alike', async () => {
  await api.register('paul', 'CONTRIBUTEUR');
  for (const login of ['paul', 'nobody']) {
    const { status, body } = await api.call('POST', '/auth/login', undefined, { login, password: 'wrong password' });
    assert.equal(status, 401);
    assert.deepEqual(body, { message: 'Login ou mot de passe incorrect', error: 'Unauthorized', statusCode: 401 });
  }
});

test('a login in use is a conflict', async () => {
  await api.register('twice', 'CONTRIBUTEUR');
  const again = (await api.register('twice', 'CONTRIBUTEUR')) as unknown as { statusCode: number };
  assert.equal(again.statusCode, 409);
});

test('an unknown property and a short password are told in one array', async () => {
  const { status, body } = await api.call('POST', '/auth/login', undefined, { login: 'jeanne', password: 'x', extra: 1 });
  assert.equal(status, 400);
  assert.deepEqual(body.message, [
    'property extra should not exist',
    'password must be longer than or equal to 6 characters',
  ]);
});

test('no token, a false token and a revoked token are refused', async () => {
  assert.deepEqual((await api.call('GET', '/auth/me')).body, { message: 'Unauthorized', statusCode: 401 });
  assert.equal((await api.call('GET', '/auth/me', 'false')).status, 401);
  const { access_token: token } = await api.register('leaver', 'CONTRIBUTEUR');
  assert.equal((await api.call('GET', '/auth/me', token)).status, 200);
  assert.equal((await api.call('POST', '/auth/logout', token)).status, 204);
  assert.equal((await api.call('GET', '/auth/me', token)).status, 401);
});

test('a deactivated account is out at once', async () => {
  const { access_token: token, user } = await api.register('former', 'ADMIN');
  await api.sql('UPDATE users SET "isActive" = false WHERE id = $1', [user.id]);
  assert.equal((await api.call('GET', '/auth/profile', token)).status, 401);
  const login = await api.call('POST', '/auth/login', undefined, { login: 'former', password: 'Password123!' });
  assert.equal(login.body.message, 'Compte désactivé');
});

test('health answers without a token', async () => {
  const { status, body } = await api.call('GET', '/health');
  assert.equal(status, 200);
  assert.equal(body.status, 'ok');
});
