// SPDX-License-Identifier: CC0-1.0

/** Listen to an event on all elements that match a selector, also on those added later. */
export function delegate(root, type, selector, listener) {
  root.addEventListener(type, (event) => {
    const element = event.target.closest(selector);
    if (element && root.contains(element)) listener(event, element);
  });
}

/** Create a DOM element with properties and children; texts cannot inject HTML. */
export function createElement(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Read the fields of a form as an object. */
export function formValues(form) {
  return Object.fromEntries(new FormData(form));
}

/** Copy a text to the clipboard; needs a page served by https and a click of the user. */
export async function copyText(text) {
  await navigator.clipboard.writeText(text);
}

/** Wait until an element that matches a selector appears in the page. */
export function waitForElement(selector, root = document.body) {
  return new Promise((resolve) => {
    const present = root.querySelector(selector);
    if (present) return resolve(present);
    const observer = new MutationObserver(() => {
      const element = root.querySelector(selector);
      if (element) {
        observer.disconnect();
        resolve(element);
      }
    });
    observer.observe(root, { childList: true, subtree: true });
  });
}

/** Call a function when an element scrolls into view, for instance to load images lazily. */
export function onVisible(element, action) {
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      observer.disconnect();
      action(element);
    }
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** Keep a value in the browser's local storage as JSON, with a default for missing or broken. */
export function stored(key, fallback) {
  return {
    get() {
      try {
        return JSON.parse(localStorage.getItem(key)) ?? fallback;
      } catch {
        return fallback;
      }
    },
    set: (value) => localStorage.setItem(key, JSON.stringify(value)),
  };
}

/** Offer a text as a file for download in the browser. */
export function downloadText(text, name, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
