using Samovar.Engine.Drafting;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>What was written is found again where it stood, whatever was cut off and written anew.</summary>
public sealed class RepeatIndexTests
{
    [Fact]
    public void LastTokens_AreFoundWhereTheyStoodBefore()
    {
        var index = Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4]);
        var draft = new int[4];
        Assert.Equal(3, index.Find(draft));
        Assert.Equal([5, 6, 7, 8], draft);
    }

    [Fact]
    public void LongestMatch_Wins_AndOfEqualsTheNewest()
    {
        var draft = new int[1];
        Assert.Equal(4, Of([1, 2, 3, 4, 50, 9, 2, 3, 4, 60, 1, 2, 3, 4]).Find(draft));
        Assert.Equal([50], draft);
        Assert.Equal(3, Of([1, 2, 3, 50, 1, 2, 3, 60, 7, 1, 2, 3]).Find(draft));
        Assert.Equal([60], draft);
    }

    [Fact]
    public void TextThatRepeatsItself_GoesOnAsItBegan()
    {
        var draft = new int[7];
        Assert.Equal(5, Of([1, 2, 3, 1, 2, 3, 1, 2]).Find(draft));
        Assert.Equal([3, 1, 2, 3, 1, 2, 3], draft);
    }

    [Fact]
    public void NewTokens_AreNotFound()
    {
        Assert.Equal(0, Of([1, 2, 3, 4, 5]).Find(new int[3]));
        Assert.Equal(0, new RepeatIndex().Find(new int[3]));
    }

    [Fact]
    public void LastTokenAlone_IsFound_WhereItStoodBehindOthers()
    {
        var draft = new int[2];
        Assert.Equal(1, Of([1, 2, 1]).Find(draft));
        Assert.Equal([2, 1], draft);
        Assert.Equal(1, Of([7, 1, 50, 8, 1, 60, 9, 1]).Find(draft));
        Assert.Equal([60, 9], draft);
    }

    [Fact]
    public void CutIndex_FindsWhatANewOneFinds()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var (index, tokens) = (new RepeatIndex(), new List<int>());
            for (var step = 0; step < 60; step++)
            {
                if (random.Next(3) == 0)
                {
                    var kept = random.Next(tokens.Count + 1);
                    tokens.RemoveRange(kept, tokens.Count - kept);
                    index.Truncate(tokens.Count);
                }
                else
                    for (var count = random.Next(1, 80); count > 0; count--)
                    {
                        tokens.Add(random.Next(6));
                        index.Append(tokens[^1]);
                    }
                Assert.Equal(tokens.Count, index.Length);
                index.Truncate(tokens.Count); // a turn begins: no place is held on to
                int[] found = new int[9], expected = new int[9];
                Assert.Equal(Of(tokens).Find(expected), index.Find(found));
                Assert.Equal(expected, found);
            }
        }
    }

    [Fact]
    public void TextThatIsCopied_StaysAtItsSource_ThoughItsTokensCameOftenSince()
    {
        int[] source = [7, 8, 9, 1, 2, 30, 1, 2, 31, 1, 2, 32];
        var index = Of([.. source, .. Enumerable.Repeat((int[])[1, 2, 99], 40).SelectMany(part => part), 7, 8]);
        var draft = new int[1];
        foreach (var token in source[2..])
        {
            index.Find(draft);
            Assert.Equal(token, draft[0]);
            index.Append(token);
        }
    }

    /// <summary>Compared with a search through all of it.</summary>
    [Fact]
    public void WhatIsFound_IsWhatFollowedTheSameTokens()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var tokens = Enumerable.Range(0, random.Next(3, 400)).Select(_ => random.Next(round % 2 == 0 ? 4 : 40)).ToList();
            var draft = new int[5];
            var matched = Of(tokens).Find(draft);
            if (matched == 0)
            {
                Assert.DoesNotContain(Enumerable.Range(0, tokens.Count - 1), at => Agree(tokens, at, RepeatIndex.MatchMin));
                continue;
            }
            Assert.Contains(Enumerable.Range(matched - 1, tokens.Count - matched),
                at => Agree(tokens, at, matched) && Follows(tokens, at, draft));
        }
    }

    private static bool Agree(List<int> tokens, int at, int count) =>
        Enumerable.Range(0, count).All(back => tokens[at - back] == tokens[tokens.Count - 1 - back]);

    private static bool Follows(List<int> tokens, int at, int[] draft)
    {
        int[] all = [.. tokens, .. draft];
        return all.AsSpan(at + 1, draft.Length).SequenceEqual(draft);
    }

    private static RepeatIndex Of(IEnumerable<int> tokens)
    {
        var index = new RepeatIndex();
        foreach (var token in tokens) index.Append(token);
        return index;
    }
}
