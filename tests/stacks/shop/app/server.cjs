const { createServer } = require('node:http');

createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!DOCTYPE html><html><body>Shop</body></html>');
}).listen(3000);
