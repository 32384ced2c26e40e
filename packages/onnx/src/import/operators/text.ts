/** Counts of words that are numbers. Texts themselves do not exist here. */
import torch, { type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { checkedCount } from "../limits.js";
import { type NodeReader, numbersOf, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import type { Family } from "./define.js";

/** The n-grams that are counted: for each length of theirs the words, and where in the result it is counted. */
function poolOf(node: NodeReader): Map<string, number> {
  const [words, starts, places] = [
    node.requiredInts("pool_int64s"),
    node.requiredInts("ngram_counts"),
    node.requiredInts("ngram_indexes"),
  ];
  const pool = new Map<string, number>();
  for (const [k, start] of starts.entries()) {
    const end = starts[k + 1] ?? words.length;
    for (let at = start; at + k < end; at += k + 1) {
      pool.set(String(words.slice(at, at + k + 1)), places[pool.size] ?? 0);
    }
  }
  return pool;
}

/** How often each n-gram is in each row, with words between its words that are passed over. */
function tfIdf(node: NodeReader) {
  node.refuse("pool_strings");
  const [shortest, longest] = [node.requiredInt("min_gram_length"), node.requiredInt("max_gram_length")];
  const pool = poolOf(node);
  const size = Math.max(0, ...pool.values()) + 1;
  checkedCount([size], torch.float64, "counts");
  const weights = node.floats("weights");
  const mode = node.word("mode", ["TF", "IDF", "TFIDF"], "TF");
  const skips = node.requiredInt("max_skip_count");
  const weightAt = new Map([...pool.values()].map((place, i) => [place, weights?.[i] ?? 1]));
  const count = (row: readonly number[]): number[] => {
    const counts = new Array<number>(size).fill(0);
    for (const length of upTo(Math.min(longest, row.length) + 1).slice(Math.max(shortest, 1))) {
      // One word alone has nothing between.
      for (const step of upTo(length === 1 ? 1 : Math.min(skips, row.length) + 1).map((skip) => skip + 1)) {
        for (let at = 0; at + (length - 1) * step < row.length; at++) {
          const place = pool.get(String(upTo(length).map((k) => row[at + k * step])));
          if (place !== undefined) counts[place] = (counts[place] as number) + 1;
        }
      }
    }
    if (mode === "TF") return counts;
    return counts.map((times, place) => (weightAt.get(place) ?? 1) * (mode === "IDF" ? Math.min(times, 1) : times));
  };
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const rows = x.dim() === 2 ? x.unbind(0) : [x];
    const counted = torch.tensor(
      rows.map((row: Tensor) => count(numbersOf(row))),
      { dtype: torch.float32 },
    );
    return x.dim() === 2 ? counted : counted.squeeze(0);
  };
}

export const texts: Family = { TfIdfVectorizer: tfIdf };
