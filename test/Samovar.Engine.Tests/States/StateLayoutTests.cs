using Samovar.Engine.Native;
using Samovar.Engine.States;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.States;

/// <summary>Saved state taken apart and put together again, against libllama itself.</summary>
public sealed class StateLayoutTests
{
    private const int Streams = 3;
    private const int Held = 200;

    [Theory]
    [InlineData(WeightType.F32, "f32")]
    [InlineData(WeightType.Q8, "f16")]
    [InlineData(WeightType.F16, "q8_0")]
    public unsafe void Splice_GivesTheSavedBytes_HoweverItIsCut(WeightType type, string kvType)
    {
        using var model = EngineLab.LoadModel(type);
        using var context = NewContext(model, kvType);
        var random = new Random(7);
        Decode(context, 1, EngineLab.Tokens(random, Held), 0);
        var state = Save(context, 1);
        var layout = StateLayout.Learn(state, Streams);
        Assert.NotNull(layout);
        Assert.Equal(state.Length, layout.Size(Held));
        fixed (byte* data = state)
        {
            var rows = layout.Open(data, state.Length, 0, Held);
            Assert.NotNull(rows);
            for (var round = 0; round < 20; round++)
            {
                var parts = new List<RowSlice>();
                for (int first = 0, count; first < Held; first += count)
                    parts.Add(rows.Value.Part(first, count = random.Next(1, Math.Min(70, Held - first) + 1)));
                var spliced = new byte[state.Length];
                fixed (byte* target = spliced) layout.Splice(target, 1, parts);
                Assert.True(state.AsSpan().SequenceEqual(spliced));
            }
        }
    }

    [Fact]
    public unsafe void SplicedState_ContinuesWithTheSameLogits_InEveryStream()
    {
        using var model = EngineLab.LoadModel();
        using var context = NewContext(model, "f32");
        var tokens = EngineLab.Tokens(new Random(3), Held);
        Decode(context, 0, tokens, 0);
        var state = Save(context, 0);
        var layout = StateLayout.Learn(state, Streams)!;
        var expected = Decode(context, 0, [77], Held);
        fixed (byte* data = state)
        {
            var parts = new List<RowSlice>();
            var kept = StateRows.Copy(layout, layout.Open(data, state.Length, 0, Held)!.Value);
            var tail = kept.CutTail(131);
            kept.AddTo(parts, kept.Tokens);
            tail.AddTo(parts, tail.Tokens);
            for (var stream = 1; stream < Streams; stream++)
            {
                var spliced = new byte[layout.Size(Held)];
                fixed (byte* target = spliced)
                {
                    layout.Splice(target, stream, parts);
                    Assert.True(context.LoadState(stream, target, spliced.Length));
                }
                Assert.Equal(Held, context.Length(stream));
                Assert.Equal(expected, Decode(context, stream, [77], Held));
            }
            kept.Free();
            tail.Free();
        }
    }

    [Fact]
    public unsafe void Open_FindsTheTail_WhenTheFrontWasDropped()
    {
        using var model = EngineLab.LoadModel();
        using var context = NewContext(model, "f32");
        Decode(context, 2, EngineLab.Tokens(new Random(5), Held), 0);
        var whole = Save(context, 2);
        var layout = StateLayout.Learn(whole, Streams)!;
        Assert.True(context.DropFront(2, 150));
        var tail = Save(context, 2);
        fixed (byte* wholeData = whole)
        fixed (byte* tailData = tail)
        {
            var rows = layout.Open(tailData, tail.Length, 150, Held - 150);
            Assert.NotNull(rows);
            var expected = layout.Open(wholeData, whole.Length, 0, Held)!.Value.Part(150, Held - 150);
            for (var plane = 0; plane < layout.Planes; plane++)
                Assert.True(Bytes(layout, expected, plane).SequenceEqual(Bytes(layout, rows.Value, plane)));
            Assert.Null(layout.Open(tailData, tail.Length, 149, Held - 150));
        }
    }

    [Fact]
    public void Learn_Refuses_WhatItDoesNotKnow()
    {
        using var model = EngineLab.LoadModel();
        using var context = NewContext(model, "f32");
        Decode(context, 0, EngineLab.Tokens(new Random(1), 5), 0);
        var state = Save(context, 0);
        Assert.NotNull(StateLayout.Learn(state, Streams));
        Assert.Null(StateLayout.Learn(state, Streams + 1));
        Assert.Null(StateLayout.Learn(state.AsSpan(0, state.Length - 1), Streams));
        var transposed = (byte[])state.Clone();
        transposed[16 + 5 * 12] = 1;
        Assert.Null(StateLayout.Learn(transposed, Streams));
        Assert.Null(StateLayout.Learn(new byte[64], Streams));
    }

    private static LlamaContext NewContext(LlamaModel model, string kvType) => new(model, new ContextShape(512, Streams, 256, 1, kvType));

    private static unsafe ReadOnlySpan<byte> Bytes(StateLayout layout, RowSlice rows, int plane) =>
        new(layout.Rows(rows, plane), rows.Count * layout.RowBytes(plane));

    private static unsafe byte[] Save(LlamaContext context, int stream)
    {
        var state = new byte[context.StateSize(stream)];
        fixed (byte* target = state) Assert.Equal(state.Length, context.SaveState(stream, target, state.Length));
        return state;
    }

    private static float[] Decode(LlamaContext context, int stream, int[] tokens, int position)
    {
        context.ClearBatch();
        for (var index = 0; index < tokens.Length; index++)
            context.Add(tokens[index], position + index, stream, index == tokens.Length - 1);
        Assert.Equal(DecodeResult.Done, context.Decode());
        return context.Logits(tokens.Length - 1).ToArray();
    }
}
