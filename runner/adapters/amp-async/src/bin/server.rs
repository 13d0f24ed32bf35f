// service.core on amp-async as a server on 127.0.0.1: `server PORT`.
// SPDX-License-Identifier: Apache-2.0
use amp_async::serve;
use ampspec_adapter::service::{listen, Left};
use ampspec_amp_async::answer;
use tokio::net::TcpListener;

#[tokio::main(basic_scheduler)]
async fn main() -> std::io::Result<()> {
    let (mut listener, left) = (TcpListener::from_std(listen()?)?, Left::default());
    loop {
        let (input, output) = listener.accept().await?.0.into_split();
        let left = left.clone();
        tokio::spawn(async move {
            let (handle, requests) = serve(input, output);
            answer(requests, handle.request_sender().unwrap(), left).await;
            // The library ends its reading side at the first error; with the other half the connection ends.
            let _ = handle.join().await;
        });
    }
}
