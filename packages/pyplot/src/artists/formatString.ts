/** Format strings: `"r--"`, `"o"`, `"C1-.s"`. */
import { type Color, isColor } from "../color/colors.js";
import { markerNames } from "./markers.js";

/** What a format string says of a line. */
export interface Format {
  readonly color?: Color;
  readonly linestyle?: string;
  readonly marker?: string;
}

/**
 * A colour, a marker and a line style, each of which may be left out, in any order.
 *
 * A marker without a line style means that there is no line, and a line style without a marker that there are none.
 *
 * @throws Error for anything else.
 */
export function parseFormat(format: string): Format {
  if (format !== "" && isColor(format) && !/^[1-4|_]$/.test(format)) return { color: format };
  let color: string | undefined;
  let marker: string | undefined;
  let linestyle: string | undefined;
  const fail = (reason: string): never => {
    throw new Error(`'${format}' is not a valid format string (${reason})`);
  };
  let rest = format;
  while (rest !== "") {
    const dashes = /^(--|-\.|-|:| )/.exec(rest)?.[0];
    const named = /^C\d+/.exec(rest)?.[0];
    const char = rest[0] as string;
    if (dashes !== undefined) {
      if (linestyle !== undefined) fail("two linestyle symbols");
      linestyle = dashes === " " ? "None" : dashes;
    } else if (named !== undefined || "rgbcmykw".includes(char)) {
      if (color !== undefined) fail("two color symbols");
      color = named ?? char;
    } else if (markerNames.includes(char)) {
      if (marker !== undefined) fail("two marker symbols");
      marker = char;
    } else fail(`unrecognized character '${char}'`);
    rest = rest.slice((dashes ?? named ?? char).length);
  }
  if (linestyle === undefined && marker !== undefined) linestyle = "None";
  if (marker === undefined && linestyle !== undefined) marker = "None";
  return {
    ...(color !== undefined && { color }),
    ...(linestyle !== undefined && { linestyle }),
    ...(marker !== undefined && { marker }),
  };
}
