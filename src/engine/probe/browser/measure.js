// Waits for the load event, the selector and the first paint, and answers with what was measured.
const [selector, patience, answer] = arguments, begun = performance.now();
const noted = window.__diapason ?? { seen: {}, interactions: {}, flush() {} };
const here = (name) => new URL(name, location.href).origin === location.origin;
// A page of the browser's own instead of the one that was wanted, and what it says is wrong.
const refusal = () => /^(chrome-error|about):/.test(document.documentURI)
    ? document.querySelector('.error-code, #errorCode')?.textContent.trim() || document.title : null;
const report = () => {
    noted.flush();
    const [page] = performance.getEntriesByType('navigation');
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const resources = performance.getEntriesByType('resource').filter((one) => !one.name.startsWith('data:'));
    const painted = paint?.startTime ?? 0, elsewhere = {};
    let blocking = noted.tasks ? 0 : null;
    for (const [start, duration] of noted.tasks ?? [])
        blocking += Math.max(0, start + duration - Math.max(start, painted) - 50);
    for (const { name } of resources) {
        const { origin } = new URL(name, location.href);
        if (origin !== location.origin && origin !== 'null') elsewhere[origin] = (elsewhere[origin] ?? 0) + 1;
    }
    // Next.js fetches the pages behind the links of a page in advance: the page does not wait for those.
    const kind = (one) => one.initiatorType === 'fetch' && here(one.name) && new URL(one.name).searchParams.has('_rsc')
        ? 'prefetch' : one.initiatorType;
    const line = (one) => [
        here(one.name) ? new URL(one.name).pathname : new URL(one.name).origin,
        kind(one), here(one.name), one.startTime, one.requestStart || one.startTime, one.responseStart || one.responseEnd,
        one.responseEnd, one.transferSize ?? 0, one.responseStatus ?? null,
    ];
    const secure = page?.secureConnectionStart || 0;
    answer({
        origin: performance.timeOrigin,
        refusal: refusal(),
        status: page?.responseStatus ?? 0,
        dns: page ? page.domainLookupEnd - page.domainLookupStart : 0,
        connect: page ? (secure || page.connectEnd) - page.connectStart : 0,
        tls: secure ? page.connectEnd - secure : 0,
        response: page?.responseStart ?? 0,
        interactive: page?.domInteractive ?? 0,
        dom: page?.domContentLoadedEventEnd ?? 0,
        load: page?.loadEventEnd ?? 0,
        ready: noted.seen[selector] ?? null,
        first_paint: paint?.startTime ?? null,
        largest_paint: noted.largest ?? null,
        shift: noted.shift ?? null,
        long_tasks: noted.tasks?.length ?? null,
        blocking,
        bytes: resources.reduce((sum, one) => sum + (one.transferSize ?? 0), page?.transferSize ?? 0),
        requests: resources.length + 1,
        elsewhere,
        lines: [...(page ? [page] : []), ...resources].slice(0, 500).map(line),
    });
};
// What the last frames painted is told of after them; a page that is not painted gets none.
const settle = () => {
    let done = false;
    const once = () => { if (!done) { done = true; report(); } };
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(once)));
    setTimeout(once, 250);
};
const poll = () => {
    const [page] = performance.getEntriesByType('navigation');
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const waited = performance.now() - begun;
    const ready = selector === null || selector in noted.seen, painted = paint || waited > 500;
    if ((!page || !page.loadEventEnd || !ready || !painted) && waited < patience && refusal() === null) return setTimeout(poll, 20);
    settle();
};
poll();
