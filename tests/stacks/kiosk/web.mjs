// Answers with its greeting once everything it was given is there; says its secrets in its log, as careless programs do.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const greeting = readFileSync("/greeting.txt", "utf8");
const signing = readFileSync("/run/secrets/signing", "utf8").trim();
const { API_TOKEN, SHOP_PASSWORD, FAIL } = process.env;
console.log(`token ${API_TOKEN}, password ${SHOP_PASSWORD}, signing ${signing}`);
if (FAIL) process.exit(1);
createServer((_, response) => response.end(greeting)).listen(8080);
