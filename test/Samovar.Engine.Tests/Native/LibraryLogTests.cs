using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Native;

/// <summary>What libllama says goes to whoever listens.</summary>
public sealed class LibraryLogTests
{
    [Fact]
    public void ListenerThatFails_DoesNotEndTheProcess()
    {
        EngineLab.NeedLibrary();
        LlamaLibrary.Load();
        var (before, heard) = (LlamaLibrary.LogLine, 0);
        try
        {
            LlamaLibrary.LogLine = (_, _) =>
            {
                Interlocked.Increment(ref heard);
                throw new IOException("The disk is full.");
            };
            using var model = LlamaModel.VocabularyOf(EngineLab.ModelPath());
            Assert.NotEqual(0, model.Handle);
        }
        finally
        {
            LlamaLibrary.LogLine = before;
        }
        Assert.True(heard > 0);
    }
}
