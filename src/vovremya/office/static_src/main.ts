/** What the pages around the working day do by themselves. */
import { startImports } from "./import.ts";
import { startNarrowing } from "./narrowing.ts";
import { startOptionsSaid } from "./option-said.ts";
import { startOrdering } from "./order.ts";
import "./zone.ts";

startImports();
startNarrowing();
startOptionsSaid();
startOrdering();
