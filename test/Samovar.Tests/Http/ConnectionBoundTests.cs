using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Server.Http;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;
using Samovar.Tests.Hosting;

namespace Samovar.Tests.Http;

/// <summary>Connections beyond what the process has handles for.</summary>
public sealed class ConnectionBoundTests
{
    private const string Ask = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Fact]
    public async Task OneTooMany_IsClosed_AndTheNextIsServed_WhenOneEnds()
    {
        await using var server = await RunningServer.StartAsync(
            new ScriptedBackend(new IdSource()), new Dictionary<string, string?> { ["Server:ConnectionsMax"] = "2" });
        await using var socket = await RawClient.ConnectAsync(server);
        Assert.StartsWith("HTTP/1.1 101 ", await socket.UpgradeAsync(), StringComparison.Ordinal); // it counts on
        var silent = await RawClient.ConnectAsync(server);
        await silent.SendAsync(Ask);
        Assert.StartsWith("HTTP/1.1 200 ", await silent.ReadAnswerAsync(), StringComparison.Ordinal);
        Assert.Equal("", await AnswerOfAnotherAsync(server));
        await silent.DisposeAsync();
        var late = Soon.Token;
        while (!(await AnswerOfAnotherAsync(server)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
            late.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task ManyThatAreClosed_AreOneLineAMinute()
    {
        var (time, logger) = (new ManualTime(), new LineLogger<ConnectionBound>());
        var bound = new ConnectionBound(0, time, logger).Before(_ => throw new InvalidOperationException("It is full."));
        for (var count = 0; count < 3; count++) await bound(new DefaultConnectionContext());
        Assert.Contains("1 more", Assert.Single(logger.Lines), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        await bound(new DefaultConnectionContext());
        Assert.Contains("3 more", logger.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256L, 192, 128)]
    [InlineData(1024L, 768, 512)]
    [InlineData(20_000L, 15_904, 10_000)]
    [InlineData(1_048_576L, 1_044_480, 524_288)]
    [InlineData(null, int.MaxValue, int.MaxValue)]
    public void Default_LeavesHandlesForTheRest(long? handles, int connections, int withUpstreams) =>
        Assert.Equal((connections, withUpstreams), (
            ProcessHandles.ConnectionsWithin(handles, hasUpstreams: false),
            ProcessHandles.ConnectionsWithin(handles, hasUpstreams: true)));

    [Fact]
    public void MoreThanThereAreHandles_IsNoBound()
    {
        Assert.SkipWhen(ProcessHandles.Max is null, "there is no bound");
        var check = new ConnectionsCheck();
        Assert.True(check.Validate(null, new ServerOptions()).Succeeded);
        Assert.True(check.Validate(null, new ServerOptions { ConnectionsMax = 100 }).Succeeded);
        var fault = check.Validate(null, new ServerOptions { ConnectionsMax = int.MaxValue });
        Assert.StartsWith("Server:ConnectionsMax 2147483647 leaves too few", Assert.Single(fault.Failures!), StringComparison.Ordinal);
    }

    /// <summary>In a process of its own that has few: many silent connections take none of what the rest needs.</summary>
    [Fact]
    public async Task SilentConnections_TakeNoHandleOfTheKeyFiles()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sets a limit by the shell, and looks into /proc");
        var keys = Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, """{"tenants":{"alice":["sk-a"]}}""", Soon.Token);
        await using var upstream = await FakeUpstream.StartAsync("a");
        var environment = upstream.Settings("chat").ToDictionary(
            pair => "SAMOVAR_" + pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value!, StringComparer.Ordinal);
        (environment["SAMOVAR_Auth__KeyFile"], environment["SAMOVAR_Auth__KeyFileAgeMax"]) = (keys, "00:00:00");
        environment["SAMOVAR_Upstream__AffinityPath"] = "";
        await using var server = await ServerProcess.StartAsync("ulimit -n 1024", environment);
        using var http = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "Authorization", "Bearer sk-a" } } };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/v1/models", UriKind.Relative), Soon.Token)).StatusCode);
        var silent = new List<TcpClient>();
        for (var count = 0; count < 1100; count++)
        {
            silent.Add(new TcpClient());
            await silent[^1].ConnectAsync(server.Address.Host, server.Address.Port, Soon.Token);
        }
        await Soon.UntilAsync(() => silent.Count(one => one.Client.Poll(0, SelectMode.SelectRead)) >= 200);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/v1/models", UriKind.Relative), Soon.Token)).StatusCode);
        foreach (var one in silent) one.Dispose();
        Assert.Equal(0, await server.TerminateAsync());
        File.Delete(keys);
    }

    private static async Task<string> AnswerOfAnotherAsync(RunningServer server)
    {
        await using var client = await RawClient.ConnectAsync(server);
        try
        {
            await client.SendAsync(Ask);
            return await client.ReadAnswerAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException) { return ""; }
    }
}
