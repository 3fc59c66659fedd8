//! A proxy that lives in the network of another service, which publishes its port.

use super::shop::Shop;
use crate::engine::beside;

const COMPOSE: &str = r#"
services:
  tunnel:
    image: diapason/node:24-forky
    init: true
    command: [sleep, infinity]
    ports: ["443:8443"]
  edge:
    image: diapason/node:24-forky
    init: true
    network_mode: "service:tunnel"
    command:
      - node
      - -e
      - "const read = name => require('fs').readFileSync(name);
        require('https').createServer({ key: read('/tls/shop.key'), cert: read('/tls/shop.pem') }, (_, answer) => answer.end('ok')).listen(8443)"
    volumes: ["./tls:/tls:ro"]
"#;

#[test]
fn the_certificate_of_a_proxy_in_the_network_of_the_entry_is_found_and_trusted() {
    let _place = beside();
    let stack = "[compose]\nfiles = ['compose.yml']\n\
        [entry]\nservice = 'tunnel'\nport = 8443\ntls = true\nhost = 'shop.example'\ncertificate = '/tls/shop.pem'\n";
    let shop = Shop::of("tunnelled", stack);
    let own = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
    shop.put("compose.yml", COMPOSE);
    shop.put("tls/shop.pem", &own.cert.pem());
    shop.put("tls/shop.key", &own.signing_key.serialize_pem());
    let finished = shop.run(&[]).finish();
    assert!([0, 1, 3].contains(&finished.exit), "{}", finished.talk);
}
