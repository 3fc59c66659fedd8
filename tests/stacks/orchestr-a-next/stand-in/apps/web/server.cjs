// Pages have a language before them; without one they redirect.
const { createServer } = require('node:http');

createServer((request, response) => {
  if (/^\/(fr|en)(\/|$)/.test(request.url)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!DOCTYPE html><html lang="fr"><body>Chargement...</body></html>');
  } else {
    response.writeHead(307, { location: `/fr${request.url === '/' ? '/login' : request.url}` });
    response.end();
  }
}).listen(3000);
