/** The page that a browser ends at after a login: nothing in it comes from anybody else. */
export function loginPage({ isGood, title, text }: LoginPage): string {
  const mark = isGood ? '<path d="M8 12.5l3 3 6-6.5"/>' : '<path d="M12 7.5v6M12 16.4v.2"/>';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Sallyport</title>
<style>${style}</style>
<main class="${isGood ? 'good' : 'bad'}">
<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10.5"/>${mark}</svg>
<h1>${title}</h1>
<p>${text}</p>
<footer>Sallyport</footer>
</main>
</html>
`;
}

export interface LoginPage {
  readonly isGood: boolean;
  readonly title: string;
  readonly text: string;
}

const style = `
:root { color-scheme: light dark; --back: #f3f4f6; --card: #fff; --ink: #1a1d23; --soft: #5d6470; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15171b; --card: #1f2228; --ink: #eceef1; --soft: #9aa1ad; }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  font: 1rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--back);
}
main {
  width: 100%; max-width: 26rem; padding: 2.5rem 2rem 1.5rem; text-align: center;
  background: var(--card); border-radius: 1rem; box-shadow: 0 .5rem 2rem rgb(0 0 0 / 10%);
}
svg { width: 4rem; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round;
  stroke-linejoin: round; }
.good svg { color: #17895a; }
.bad svg { color: #b4402f; }
h1 { margin: 1rem 0 .5rem; font-size: 1.5rem; line-height: 1.3; }
p { color: var(--soft); text-wrap: balance; }
footer { margin-top: 2rem; font-size: .8rem; letter-spacing: .08em; color: var(--soft); }
`;
