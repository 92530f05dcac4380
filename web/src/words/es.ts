/** Español de México. */
import { office } from "./es/office";
import { terms } from "./es/terms";
import { watch } from "./es/watch";
import type { en } from "./en";

export const es: Record<keyof typeof en, string> = { ...watch, ...office, ...terms };
