// Runs before the page's own scripts: notes what cannot be asked for afterwards.
((selectors) => {
    if (window.__diapason || window !== window.top) return;
    const noted = { seen: {}, largest: null, shift: null, tasks: null, interactions: {} };
    const look = (_, observer) => {
        for (const selector of selectors)
            if (!(selector in noted.seen) && document.querySelector(selector)) noted.seen[selector] = performance.now();
        if (selectors.every((selector) => selector in noted.seen)) observer.disconnect();
    };
    const mutations = new MutationObserver(look);
    mutations.observe(document, { subtree: true, childList: true, attributes: true });
    look(null, mutations);

    const observers = [];
    const observe = (type, handle, options = {}) => {
        if (!PerformanceObserver.supportedEntryTypes.includes(type)) return false;
        const each = (entries) => entries.forEach(handle);
        const observer = new PerformanceObserver((list) => each(list.getEntries()));
        observer.observe({ type, buffered: true, ...options });
        observers.push(() => each(observer.takeRecords()));
        return true;
    };
    observe('largest-contentful-paint', (entry) => { noted.largest = entry.startTime; });
    // The worst burst: shifts less than 1 s apart, over 5 s at most.
    let burst = 0, first = 0, last = 0;
    if (observe('layout-shift', (entry) => {
        if (entry.hadRecentInput) return;
        const goesOn = burst > 0 && entry.startTime - last < 1000 && entry.startTime - first < 5000;
        if (!goesOn) first = entry.startTime;
        burst = (goesOn ? burst : 0) + entry.value;
        last = entry.startTime;
        noted.shift = Math.max(noted.shift, burst);
    })) noted.shift = noted.shift ?? 0;
    if (observe('longtask', (entry) => { (noted.tasks ??= []).push([entry.startTime, entry.duration]); })) noted.tasks ??= [];
    const interacted = (entry) => {
        if (!entry.interactionId && entry.entryType === 'event') return;
        const id = entry.interactionId || 'first';
        noted.interactions[id] = Math.max(noted.interactions[id] ?? 0, entry.duration);
    };
    observe('event', interacted, { durationThreshold: 16 });
    observe('first-input', interacted);

    noted.flush = () => observers.forEach((flush) => flush());
    Object.defineProperty(window, '__diapason', { value: noted });
})
