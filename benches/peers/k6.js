// GET the answer again and again: at RATE requests a second, or as fast as USERS users can.
import http from 'k6/http';

const { RATE, SECONDS, URL, USERS } = __ENV;
const length = { duration: `${SECONDS}s`, gracefulStop: '3s' };

export const options = {
  scenarios: {
    load: RATE
      ? { executor: 'constant-arrival-rate', rate: Number(RATE), timeUnit: '1s', preAllocatedVUs: Number(USERS), ...length }
      : { executor: 'constant-vus', vus: Number(USERS), ...length },
  },
  summaryTrendStats: ['p(50)', 'p(90)', 'p(99)', 'max'],
};

export default function () {
  http.get(URL);
}
