using System.Diagnostics;
using Samovar.Metering;

namespace Samovar.Tests.Metering;

public sealed class SpansTests
{
    [Fact]
    public void WhatOthersWrote_StandsOnOneLine_InNameAndTags()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Spans.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var span = Spans.Begin(ActivityKind.Server, default)!;
        span.SetModels("embedded", "m\n\u001b[2J", "n\u202e");
        span.SetTag("gen_ai.conversation.id", "a\r\nb").SetTag("number", 3);
        Spans.End(span, error: null);
        Assert.Equal("chat m\\n\\u001b[2J", span.DisplayName);
        Assert.Equal("m\\n\\u001b[2J", span.GetTagItem(Labels.RequestModel));
        Assert.Equal("n\\u202e", span.GetTagItem(Labels.ResponseModel));
        Assert.Equal("a\\r\\nb", span.GetTagItem("gen_ai.conversation.id"));
        Assert.Equal(3, span.GetTagItem("number"));
    }
}
