// The test service on amp-async as a server on 127.0.0.1: `server PORT`.
// SPDX-License-Identifier: Apache-2.0
use amp_async::serve;
use ampspec_amp_async::{answer, Left};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

#[tokio::main(basic_scheduler)]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0u16);
    let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening tcp://{}", listener.local_addr()?);
    let left = Left::default();
    loop {
        let left = left.clone();
        let (input, output) = listener.accept().await?.0.into_split();
        tokio::spawn(async move {
            let (handle, requests) = serve(input, output);
            answer(requests, handle.request_sender().unwrap(), left).await;
            // The library ends its reading side at the first error; with the other half the connection ends.
            let _ = handle.join().await;
        });
    }
}
