# Sourced after apt.sh by the scripts whose usual images are Fashion-MNIST.

# bring_fashion_mnist ROOT PROGRAM: Debian's package brings the data; without apt, or without rights, the program says where the files go.
bring_fashion_mnist() {
    if command -v apt-get >/dev/null && [ ! -e /usr/share/datasets/fashion-mnist ] && [ ! -e "$1/artifacts/fashion-mnist" ]; then
        install_missing dataset-fashion-mnist || echo "$2: apt-get could not bring the package dataset-fashion-mnist."
    fi
}
