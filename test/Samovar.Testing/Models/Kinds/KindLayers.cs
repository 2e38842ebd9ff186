namespace Samovar.Testing.Models.Kinds;

/// <summary>Parts of layers that several architectures have.</summary>
internal static class KindLayers
{
    public const int Context = 8192;
    private const float QueryKeyGain = 1.6f; // sharper attention: a wrong cell shows in the logits
    private const float ConvolutionGain = 1.5f;

    /// <summary>Sizes that every architecture has, and the norm in front of each layer.</summary>
    /// <param name="heads">0 where nothing attends.</param>
    /// <param name="keyHeads">By layer, or one number for all.</param>
    /// <param name="head">The size of a head where it is not the width through the heads.</param>
    public static void Sizes(this KindTensors model, int layers, int inner, int heads, IReadOnlyList<int> keyHeads, int head = 0)
    {
        model.Key("context_length", Context);
        model.Key("embedding_length", KindTensors.Width);
        model.Key("block_count", (uint)layers);
        model.Key("feed_forward_length", (uint)inner);
        model.Key("attention.head_count", (uint)heads);
        model.Key("attention.layer_norm_rms_epsilon", 1e-5f);
        for (var layer = 0; layer < layers; layer++) model.Ones($"blk.{layer}.attn_norm.weight", KindTensors.Width);
        if (heads == 0) return;
        if (keyHeads.Count == 1) model.Key("attention.head_count_kv", (uint)keyHeads[0]);
        else model.Key("attention.head_count_kv", keyHeads);
        if (head > 0)
        {
            model.Key("attention.key_length", (uint)head);
            model.Key("attention.value_length", (uint)head);
        }
        model.Key("rope.dimension_count", (uint)(head > 0 ? head : KindTensors.Width / heads));
        model.Key("rope.freq_base", 10_000f);
    }

    /// <param name="isGated">Whether each query has a gate beside it, as in Qwen3-Next.</param>
    public static void Attention(this KindTensors model, string layer, int heads, int keyHeads, int head, bool isGated = false)
    {
        model.Matrix(layer + "attn_q.weight", QueryKeyGain, KindTensors.Width, heads * head * (isGated ? 2 : 1));
        model.Matrix(layer + "attn_k.weight", QueryKeyGain, KindTensors.Width, keyHeads * head);
        model.Matrix(layer + "attn_v.weight", 1f, KindTensors.Width, keyHeads * head);
        model.Matrix(layer + "attn_output.weight", 1f, heads * head, KindTensors.Width);
    }

    public static void HeadNorms(this KindTensors model, string layer, int head)
    {
        model.Ones(layer + "attn_q_norm.weight", head);
        model.Ones(layer + "attn_k_norm.weight", head);
    }

    public static void FeedForward(this KindTensors model, string layer, int inner)
    {
        model.Matrix(layer + "ffn_gate.weight", 1f, KindTensors.Width, inner);
        model.Matrix(layer + "ffn_up.weight", 1f, KindTensors.Width, inner);
        model.Matrix(layer + "ffn_down.weight", 1f, inner, KindTensors.Width);
    }

    public static void Experts(this KindTensors model, string layer, int inner, int experts)
    {
        model.Matrix(layer + "ffn_gate_inp.weight", 1f, KindTensors.Width, experts);
        model.Matrix(layer + "ffn_gate_exps.weight", 1f, KindTensors.Width, inner, experts);
        model.Matrix(layer + "ffn_up_exps.weight", 1f, KindTensors.Width, inner, experts);
        model.Matrix(layer + "ffn_down_exps.weight", 1f, inner, KindTensors.Width, experts);
    }

    /// <summary>A Mamba-2 layer that forgets within ten tokens in some heads and within thousands in others.</summary>
    public static void Mamba(this KindTensors model, string layer, StateSizes sizes)
    {
        var convolved = sizes.Inner + 2 * sizes.Groups * sizes.State;
        model.Matrix(layer + "ssm_in.weight", 1f, KindTensors.Width, sizes.Inner + convolved + sizes.Heads);
        model.Small(layer + "ssm_conv1d.weight", ConvolutionGain, sizes.Kernel, convolved);
        model.Full(layer + "ssm_conv1d.bias", 0f, convolved);
        model.Each(layer + "ssm_dt.bias", random => MathF.Log(MathF.Exp(Between(random, 0.02f, 0.3f)) - 1), sizes.Heads);
        model.Each(layer + "ssm_a", random => -Between(random, 0.02f, 0.5f), 1, sizes.Heads);
        model.Ones(layer + "ssm_d", 1, sizes.Heads);
        model.Ones(layer + "ssm_norm.weight", sizes.Inner / sizes.Groups, sizes.Groups);
        model.Matrix(layer + "ssm_out.weight", 1f, sizes.Inner, KindTensors.Width);
    }

    /// <summary>A gated delta net, with key heads in place of groups.</summary>
    /// <param name="isFused">Whether beta and alpha are one matrix, as in Qwen3-Next.</param>
    public static void DeltaNet(this KindTensors model, string layer, StateSizes sizes, bool isFused)
    {
        var keys = 2 * sizes.State * sizes.Groups;
        model.Matrix(layer + "attn_qkv.weight", 1f, KindTensors.Width, keys + sizes.Inner);
        model.Matrix(layer + "attn_gate.weight", 1f, KindTensors.Width, sizes.Inner);
        model.Small(layer + "ssm_conv1d.weight", ConvolutionGain, sizes.Kernel, keys + sizes.Inner);
        model.Full(layer + "ssm_dt.bias", 0f, sizes.Heads);
        model.Each(layer + "ssm_a", random => -Between(random, 0.002f, 0.1f), sizes.Heads);
        if (isFused) model.Matrix(layer + "ssm_ba.weight", 1f, KindTensors.Width, 2 * sizes.Heads);
        else
        {
            model.Matrix(layer + "ssm_beta.weight", 1f, KindTensors.Width, sizes.Heads);
            model.Matrix(layer + "ssm_alpha.weight", 1f, KindTensors.Width, sizes.Heads);
        }
        model.Ones(layer + "ssm_norm.weight", sizes.State);
        model.Matrix(layer + "ssm_out.weight", 1f, sizes.Inner, KindTensors.Width);
    }

    // Spread evenly over orders of magnitude.
    private static float Between(Random random, float least, float most) =>
        least * MathF.Pow(most / least, random.NextSingle());
}

/// <summary>Sizes of a recurrent layer.</summary>
internal sealed record StateSizes(int Inner, int State, int Heads, int Groups, int Kernel = 4)
{
    public void Describe(KindTensors model)
    {
        model.Key("ssm.conv_kernel", (uint)Kernel);
        model.Key("ssm.inner_size", (uint)Inner);
        model.Key("ssm.state_size", (uint)State);
        model.Key("ssm.time_step_rank", (uint)Heads);
        model.Key("ssm.group_count", (uint)Groups);
    }
}
