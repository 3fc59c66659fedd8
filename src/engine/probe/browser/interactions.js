// Answers with the longest interaction so far, once the last one has been painted and told of.
const [known, answer] = arguments, begun = performance.now();
const noted = window.__diapason;
const look = () => {
    noted?.flush();
    const lengths = Object.values(noted?.interactions ?? {});
    if (lengths.length <= known && performance.now() - begun < 200) return setTimeout(look, 20);
    answer({ origin: performance.timeOrigin, count: lengths.length, longest: lengths.length ? Math.max(...lengths) : null });
};
requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(look)));
