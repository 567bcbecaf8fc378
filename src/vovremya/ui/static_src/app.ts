/** The script of every page. */
import "./requests.ts";
import "./theme-choice.ts";
import "./menus.ts";
import "./toasts.ts";
import "./copying.ts";
import "../../board/static_src/main.ts";
import "../../office/static_src/main.ts";
import "../../guide/static_src/help.ts";
