"""GET the answer again and again, at a rate per user where one is given."""

from locust import FastHttpUser, constant_throughput, events, task


@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--rate-per-user", type=float, default=0.0)


class User(FastHttpUser):
    @task
    def get(self):
        self.client.get("/")

    def wait_time(self):
        rate = self.environment.parsed_options.rate_per_user
        return constant_throughput(rate)(self) if rate else 0
