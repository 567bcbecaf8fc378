// Runs the unit tests of the TypeScript: every *.test.ts of the parts and of tests/, bundled, by node --test.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const found = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return entry.name === "node_modules" ? [] : found(path);
        return entry.name.endsWith(".test.ts") ? [path] : [];
      })
    : [];

const tests = [...found("src"), ...found("tests")];
if (tests.length === 0) {
  console.log("No TypeScript tests yet.");
  process.exit(0);
}

const outdir = "node_modules/.cache/vovremya-tests";
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: tests,
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  metafile: true,
  logLevel: "warning",
});
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...Object.keys(metafile.outputs)], {
  stdio: "inherit",
});
process.exit(run.status ?? 1);
