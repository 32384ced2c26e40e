/** Values over a plane: meshes, contours, arrows. */
import { ImageAxes } from "./images.js";

/** Axes on which fields can be drawn. */
export class FieldAxes extends ImageAxes {}
