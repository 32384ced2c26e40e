/** Data sets in folders: one folder for each class. */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { callable, flag, invalid, listOf, optional, type Param, Signature, text } from "flambeau/arguments";
import { Image } from "../image.js";
import { isFolder } from "./fetch/archive.js";
import { ImageDataset } from "./imageDataset.js";
import { type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

/** The ends of names that files of images have. */
export const IMG_EXTENSIONS: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".ppm",
  ".bmp",
  ".pgm",
  ".tif",
  ".tiff",
  ".webp",
];

type Extensions = string | readonly string[];
type IsValidFile = (path: string) => boolean;
type Classes = [classes: string[], classToIdx: Record<string, number>];
/** A path and the number of its class. */
type Sample = [path: string, classIndex: number];

/** Whether a name ends with one of the extensions, in letters of any case. */
function hasFileAllowedExtension(filename: string, extensions: Extensions): boolean {
  const name = filename.toLowerCase();
  return [extensions].flat().some((extension) => name.endsWith(extension));
}

/**
 * The folders in a folder, in order, as classes.
 *
 * @throws Error if there are none.
 */
function findClasses(directory: string): Classes {
  const classes = readdirSync(directory)
    .filter((name) => isFolder(join(directory, name)))
    .sort();
  if (classes.length === 0) throw new Error(`Couldn't find any class folder in ${directory}.`);
  return [classes, Object.fromEntries(classes.map((name, index) => [name, index]))];
}

/** The files in a folder and all that are in it, in order of the folders and then of names. */
function filesIn(directory: string): string[] {
  const folders: string[] = [];
  const seen = new Set<string>();
  const visit = (folder: string): void => {
    // A link may lead back to a folder in which it is.
    const real = realpathSync(folder);
    if (seen.has(real)) return;
    seen.add(real);
    folders.push(folder);
    for (const name of readdirSync(folder)) if (isFolder(join(folder, name))) visit(join(folder, name));
  };
  visit(directory);
  return folders.sort().flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path) && statSync(path).isFile()),
  );
}

export interface MakeDatasetOptions {
  extensions?: Extensions | null;
  isValidFile?: IsValidFile | null;
  /** Whether a class may have no file. */
  allowEmpty?: boolean;
}

/**
 * The files of each class, with the number of the class.
 *
 * @throws Error if a class has none, unless that is allowed.
 */
function makeDataset(
  directory: string,
  classToIdx: Readonly<Record<string, number>> = findClasses(directory)[1],
  { extensions, isValidFile, allowEmpty = false }: MakeDatasetOptions = {},
): Sample[] {
  const names = Object.keys(classToIdx).sort();
  if (names.length === 0) throw new Error("'class_to_index' must have at least one entry to collect any samples.");
  if ((extensions ?? undefined) === undefined ? !isValidFile : isValidFile)
    throw new TypeError("Both extensions and is_valid_file cannot be None or not None at the same time");
  const isValid = isValidFile ?? ((path: string) => hasFileAllowedExtension(path, extensions as Extensions));
  const byClass = names.map((name): Sample[] => {
    const folder = join(directory, name);
    const files = isFolder(folder) ? filesIn(folder).filter(isValid) : [];
    return files.map((path) => [path, classToIdx[name] as number]);
  });
  const empty = names.filter((_, i) => byClass[i]?.length === 0);
  if (empty.length > 0 && !allowEmpty) {
    const supported = extensions ? `Supported extensions are: ${[extensions].flat().join(", ")}` : "";
    throw new Error(`Found no valid file for the classes ${empty.join(", ")}. ${supported}`);
  }
  return byClass.flat();
}

const extensionsParam: Param<Extensions> = {
  ...(listOf("tuple of str", text) as Param<Extensions>),
  expected: "str or tuple of str",
  read: (value) => {
    if (typeof value === "string") return value;
    return Array.isArray(value) && value.every((one) => typeof one === "string") ? [...value] : invalid;
  },
};

const folderParams = {
  root: text,
  loader: callable,
  extensions: optional(extensionsParam),
  ...transformParams,
  isValidFile: optional(callable),
  allowEmpty: flag,
};

interface FolderArguments<S, X, Y> {
  extensions?: Extensions | null;
  transform?: TransformFunction<S, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  isValidFile?: IsValidFile | null;
  /** Whether a class may have no file. */
  allowEmpty?: boolean;
}

/**
 * Files in folders, each of which is a class: `root/dog/xxx.ext`, `root/cat/123.ext`.
 *
 * A subclass may find classes and samples in another way, in `findClasses` and `makeDataset`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.DatasetFolder.html
 */
export class DatasetFolder<S = unknown, X = S, Y = number> extends ImageDataset<X, Y> {
  readonly loader: (path: string) => S;
  readonly extensions: Extensions | undefined;
  /** The names of the classes, in order. */
  readonly classes: string[];
  readonly classToIdx: Record<string, number>;
  /** Paths, and the numbers of their classes. */
  readonly samples: Sample[];
  readonly targets: number[];

  /**
   * @param root the folder of the folders.
   * @param loader reads a sample from a path.
   * @param extensions the ends that names of files must have, in small letters; or else `isValidFile` tells which to take.
   * @throws Error if there is no folder, or no file of some class.
   */
  constructor(
    ...args:
      | [root: string, loader: (path: string) => S, options: FolderArguments<S, X, Y>]
      | [root: string, loader: (path: string) => S, extensions: Extensions | null, options?: FolderArguments<S, X, Y>]
      | [
          root: string,
          loader: (path: string) => S,
          extensions: Extensions | null | undefined,
          transform: TransformFunction<S, X> | null,
          targetTransform?: TransformFunction<number, Y> | null,
          isValidFile?: IsValidFile | null,
          options?: { allowEmpty?: boolean },
        ]
  ) {
    const { root, loader, extensions, transform, targetTransform, isValidFile, allowEmpty } = new Signature(
      new.target.name,
      folderParams,
    ).parse(args as never);
    super(root, { transform, targetTransform });
    const [classes, classToIdx] = this.findClasses(this.root);
    const options = { extensions, isValidFile: isValidFile as IsValidFile | undefined, allowEmpty };
    this.samples = this.makeDataset(this.root, classToIdx, options);
    this.loader = loader as unknown as (path: string) => S;
    this.extensions = extensions;
    this.classes = classes;
    this.classToIdx = classToIdx;
    this.targets = this.samples.map(([, target]) => target);
  }

  /** The classes in a folder. */
  findClasses(directory: string): Classes {
    return findClasses(directory);
  }

  /** The samples in a folder. */
  makeDataset(directory: string, classToIdx: Readonly<Record<string, number>>, options: MakeDatasetOptions): Sample[] {
    return makeDataset(directory, classToIdx, options);
  }

  override get length(): number {
    return this.samples.length;
  }

  protected override get givesOwnImages(): boolean {
    return (this.loader as unknown) === pilLoader;
  }

  protected imageAt(index: number): S {
    return this.loader((this.samples[index] as Sample)[0]);
  }

  protected targetAt(index: number): number {
    return (this.samples[index] as Sample)[1];
  }
}

/** Reads an image, in RGB. */
function pilLoader(path: string): Image {
  return Image.open(path).convert("RGB");
}

const imageParams = {
  root: text,
  ...transformParams,
  loader: optional(callable, pilLoader as never),
  isValidFile: optional(callable),
  allowEmpty: flag,
};

interface ImageFolderArguments<X, Y> {
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  loader?: (path: string) => Image;
  isValidFile?: IsValidFile | null;
  /** Whether a class may have no file. */
  allowEmpty?: boolean;
}

/**
 * Images in folders, each of which is a class: `root/dog/xxx.png`, `root/cat/123.png`.
 *
 * @example
 * const data = new ImageFolder("photos", { transform: new Compose([new Resize([224, 224]), new ToTensor()]) });
 * data.classes; // ["cat", "dog"]
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 */
export class ImageFolder<X = Image, Y = number> extends DatasetFolder<Image, X, Y> {
  /** @throws Error if there is no folder, or no image of some class. */
  constructor(
    ...args:
      | [root: string, options?: ImageFolderArguments<X, Y>]
      | [
          root: string,
          transform: TransformFunction<Image, X> | null | undefined,
          options?: Omit<ImageFolderArguments<X, Y>, "transform">,
        ]
      | [
          root: string,
          transform: TransformFunction<Image, X> | null | undefined,
          targetTransform: TransformFunction<number, Y> | null | undefined,
          loader?: (path: string) => Image,
          isValidFile?: IsValidFile | null,
          options?: { allowEmpty?: boolean },
        ]
  ) {
    const { root, transform, targetTransform, loader, isValidFile, allowEmpty } = new Signature(
      new.target.name,
      imageParams,
    ).parse(args as never);
    super(root, loader as unknown as (path: string) => Image, {
      extensions: isValidFile === undefined ? IMG_EXTENSIONS : null,
      transform: transform as TransformFunction<Image, X> | undefined,
      targetTransform: targetTransform as TransformFunction<number, Y> | undefined,
      isValidFile: isValidFile as unknown as IsValidFile | undefined,
      allowEmpty,
    });
  }

  /** The samples. */
  get imgs(): Sample[] {
    return this.samples;
  }
}

shareable(import.meta.url, { DatasetFolder, ImageFolder, pilLoader });
