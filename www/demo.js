// The tab says what it shows, too: also while nobody looks at the page, and whatever the page calls itself.

const MARK = "Demo · ";
const mark = () => {
  if (!document.title.startsWith(MARK)) document.title = MARK + document.title;
};
new MutationObserver(mark).observe(document.querySelector("title"), { childList: true });
mark();
