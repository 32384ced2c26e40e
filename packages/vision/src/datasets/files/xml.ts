/** Reads XML as annotations have it: elements with text or other elements in them. Attributes and entities of a file's own are left out. */

export interface XmlElement {
  readonly tag: string;
  readonly children: readonly XmlElement[];
  /** The text before the first child. */
  readonly text: string;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? whole;
    const code = name[1]?.toLowerCase() === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

interface Open {
  readonly tag: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * The element that a file is.
 *
 * @param name what to call the file in messages.
 * @throws Error if an element does not end, or there is none.
 */
export function parseXml(source: string, name: string): XmlElement {
  const fail = (reason: string): never => {
    throw new Error(`${name} is no XML file that is right: ${reason}`);
  };
  const tokens =
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<![^>]*>|<(\/?)([^\s/>]+)[^>]*?(\/?)>|([^<]+)/g;
  const open: Open[] = [{ tag: "", children: [], text: "" }];
  for (const [, data, closes, tag, isEmpty, text] of source.matchAll(tokens)) {
    const current = open.at(-1) as Open;
    if (text !== undefined || data !== undefined) {
      if (current.children.length === 0) current.text += data ?? decode(text as string);
    } else if (closes === "/") {
      if (open.length < 2 || current.tag !== tag) fail(`</${tag}> ends what did not begin`);
      open.pop();
      (open.at(-1) as Open).children.push(current);
    } else if (tag !== undefined) {
      const element = { tag, children: [], text: "" };
      if (isEmpty === "/") current.children.push(element);
      else if (open.push(element) > 1000) fail("its elements are nested too deep");
    }
  }
  if (open.length > 1) fail(`<${open.at(-1)?.tag}> does not end`);
  return open[0]?.children[0] ?? fail("it has no element");
}
