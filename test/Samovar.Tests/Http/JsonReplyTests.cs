using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Server.Http;
using Samovar.Testing;
using HttpOptions = Samovar.Server.Http.HttpOptions;

namespace Samovar.Tests.Http;

public sealed class JsonReplyTests
{
    private readonly ManualTime _time = new();
    private readonly HttpOptions _options = new();

    [Fact]
    public async Task ReaderThatTakesNothing_IsGivenUp_AfterItsTime_AndASlowOneIsNot()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        await using var services = new ServiceCollection().AddSingleton(_options).AddSingleton<TimeProvider>(_time).BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };
        http.Response.Body = pipe.Writer.AsStream();
        var writing = JsonReply.WriteAsync(http, StatusCodes.Status200OK, new byte[4 * _options.WriteBytesMax]);
        for (var piece = 0; piece < 2; piece++)
        {
            await Soon.In(_time.WhenArmed(_options.WriteTimeMax));
            _time.Advance(_options.WriteTimeMax - TimeSpan.FromTicks(1));
            Assert.False(writing.IsCompleted);
            for (var taken = 0L; taken < _options.WriteBytesMax;)
            {
                var read = await pipe.Reader.ReadAsync(Soon.Token);
                taken += read.Buffer.Length;
                pipe.Reader.AdvanceTo(read.Buffer.End);
            }
        }
        await Soon.In(_time.WhenArmed(_options.WriteTimeMax));
        _time.Advance(_options.WriteTimeMax);
        await Assert.ThrowsAsync<SlowReaderException>(() => Soon.In(writing));
    }
}
