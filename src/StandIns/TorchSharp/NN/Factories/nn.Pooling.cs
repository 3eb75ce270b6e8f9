using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static MaxPool2d MaxPool2d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
        {
            long step = stride ?? kernel_size, border = padding ?? 0, spacing = dilation ?? 1;
            return new([kernel_size, kernel_size], [step, step], [border, border], [spacing, spacing], ceil_mode);
        }

        public static MaxPool2d MaxPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false)
        {
            var (step, border, spacing) = (stride ?? kernel_size, padding ?? (0, 0), dilation ?? (1, 1));
            return new([kernel_size.Item1, kernel_size.Item2], [step.Item1, step.Item2], [border.Item1, border.Item2], [spacing.Item1, spacing.Item2], ceil_mode);
        }

        public static MaxPool2d MaxPool2d(long[] kernel_size, long[] stride = null, long[] padding = null, long[] dilation = null, bool ceil_mode = false)
            => new(kernel_size, stride, padding, dilation, ceil_mode);

        public static AvgPool2d AvgPool2d(long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
        {
            long step = stride ?? kernel_size, border = padding ?? 0;
            return new([kernel_size, kernel_size], [step, step], [border, border], ceil_mode, count_include_pad, divisor_override);
        }

        public static AvgPool2d AvgPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
        {
            var (step, border) = (stride ?? kernel_size, padding ?? (0, 0));
            return new([kernel_size.Item1, kernel_size.Item2], [step.Item1, step.Item2], [border.Item1, border.Item2], ceil_mode, count_include_pad, divisor_override);
        }

        public static AvgPool2d AvgPool2d(long[] kernel_size, long[] stride = null, long[] padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
            => new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

        public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] output_size) => new(output_size);

        public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) output_size) => new([output_size.Item1, output_size.Item2]);

        public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long output_size) => new([output_size, output_size]);
    }
}
