/** matplotlib's part of Flambeau: figures as PNG, SVG and pages. */
export {};
