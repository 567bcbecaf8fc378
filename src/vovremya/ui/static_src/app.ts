/** The script of every page. */
import "./requests.ts";
import "./theme-choice.ts";
import "./menus.ts";
import "./toasts.ts";
import "../../board/static_src/main.ts";
import { startCopying } from "../../office/static_src/copying.ts";
import { startImports } from "../../office/static_src/import.ts";

startImports();
startCopying();
