/** What the pages around the working day do by themselves. */
import { startNarrowing } from "./narrowing.ts";
import { startOptionsSaid } from "./option-said.ts";
import { startOrdering } from "./order.ts";

startNarrowing();
startOptionsSaid();
startOrdering();
