// @ts-check
// @ts-types="./htm.d.ts"
import htm from "htm";
import { Fragment, h } from "preact";

/** @import { VNode } from "preact" */

const build = htm.bind(function create(type, props, ...children) {
  Reflect.set(this, 0, 3);
  return h(type, props, ...children);
});

/**
 * What a template describes. It is made each time: htm would keep those without a variable part, whose
 * parents lead to all that was drawn before.
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 * @returns {VNode}
 */
export function html(strings, ...values) {
  const made = build(strings, ...values);
  return Array.isArray(made) ? h(Fragment, null, ...made) : made;
}
