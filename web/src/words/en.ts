/** English. Its keys are the contract: every other catalogue has the same, each in its own words. */
import { office } from "./en/office";
import { terms } from "./en/terms";
import { watch } from "./en/watch";

export const en = { ...watch, ...office, ...terms } as const;
