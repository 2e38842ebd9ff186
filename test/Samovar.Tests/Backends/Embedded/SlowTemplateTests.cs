using Samovar.Backends.Embedded;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A template is asked for so long at load, and no longer.</summary>
public sealed class SlowTemplateTests
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(17);

    [Fact]
    public void TemplateThatTakesTooLong_IsNotUsed_AndItsFaultSaysWhy()
    {
        var family = Families.Headers;
        Assert.Null(new Talk(family, new EmbeddedOptions { TemplateAskedMax = Max }).Backend.Model.TemplateUse.Fault);
        var talk = new Talk(family, new EmbeddedOptions { TemplateAskedMax = Max }, new OverdueTime());
        var use = talk.Backend.Model.TemplateUse;
        Assert.Equal("chatml", use.Used);
        Assert.Contains("takes too long", use.Fault!.Message, StringComparison.Ordinal);
        Assert.Contains("hi", talk.Text(talk.Plan(null, new { input = "hi" })), StringComparison.Ordinal);
    }

    /// <summary>A clock on which that time is over at once.</summary>
    private sealed class OverdueTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Max) callback(state);
            return base.CreateTimer(callback, state, dueTime == Max ? Timeout.InfiniteTimeSpan : dueTime, period);
        }
    }
}
