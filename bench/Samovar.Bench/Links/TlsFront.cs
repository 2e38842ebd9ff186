using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Samovar.Bench.Links;

/// <summary>TLS in front of a server that has none, as a load balancer: with a certificate of its own that clients are given.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Uri _server;
    private readonly Task _accepting;

    public TlsFront(Uri server, TimeProvider time)
    {
        (_server, Certificate) = (server, NewCertificate(time));
        _listener.Start(512);
        Address = new UriBuilder(server)
        {
            Scheme = Uri.UriSchemeHttps, Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        }.Uri;
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>What clients must see, and nothing else.</summary>
    public X509Certificate2 Certificate { get; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ending.Dispose();
        Certificate.Dispose();
    }

    private static X509Certificate2 NewCertificate(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null); // so that the key goes with it everywhere
    }

    private async Task AcceptAsync()
    {
        var pairs = new List<Task>();
        try
        {
            while (true)
            {
                pairs.RemoveAll(pair => pair.IsCompleted);
                pairs.Add(PassAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(pairs); // the front is taken away
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await using var tls = new SslStream(near.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _ending.Token);
            await far.ConnectAsync(_server.Host, _server.Port, _ending.Token);
            await Task.WhenAny(tls.CopyToAsync(far.GetStream(), _ending.Token), far.GetStream().CopyToAsync(tls, _ending.Token));
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // either side is gone
        }
    }
}
