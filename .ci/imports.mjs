// What Rust imports from JavaScript is named after what it is and a checksum. Nothing needs the checksums but to be
// different, and they are the one thing in a program that cannot be compressed: numbers of the same length stand for them,
// in all of a folder's files alike.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const [folder] = process.argv.slice(2);
const numbers = new Map();
for (const file of readdirSync(folder).sort()) {
  if (!/\.(js|wasm)$/.test(file)) continue;
  const text = readFileSync(`${folder}/${file}`, "latin1");
  const numbered = text.replace(/(?<=__wbg_\w+_)[0-9a-f]{16}\b/g, (checksum) => {
    if (!numbers.has(checksum)) numbers.set(checksum, String(numbers.size).padStart(16, "0"));
    return numbers.get(checksum);
  });
  writeFileSync(`${folder}/${file}`, numbered, "latin1");
}
