// Puts the parts of the program into the page: into a folder that is named after what is in it, so that a browser may
// keep it for good, with links in the head, from which boot.js knows them.
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const [parts, page] = process.argv.slice(2);
const files = readdirSync(parts).sort();

const hash = createHash("sha256");
for (const file of files) hash.update(readFileSync(`${parts}/${file}`));
const folder = `app-${hash.digest("hex").slice(0, 16)}`;
cpSync(parts, `${page}/${folder}`, { recursive: true });

const links = [
  `<link rel="modulepreload" crossorigin href="./${folder}/telltale-app.js">`,
  `<link rel="modulepreload" crossorigin href="./${folder}/__wasm_split.js">`,
  `<link rel="preload" crossorigin href="./${folder}/telltale-app_bg.wasm" as="fetch" type="application/wasm">`,
];
const html = readFileSync(`${page}/index.html`, "utf8");
if (!html.includes("</head>")) throw new Error("index.html has no end of its head to put the program's links before");
writeFileSync(`${page}/index.html`, html.replace("</head>", `${links.join("")}</head>`));
