# frozen_string_literal: true

# What holds after every run, however it ended: no child is left and no descriptor is open.
# Include it with `include_context "base set"`.
RSpec.shared_context "base set" do
  around do |example|
    children = children_of(Process.pid)
    descriptors = fd_count
    example.run
    next if example.exception

    # What an example has dropped is closed by the garbage collector at the latest.
    GC.start if fd_count > descriptors || (children_of(Process.pid) - children).any?
    eventually(5, "children are left") { (children_of(Process.pid) - children).empty? }
    eventually(5, "descriptors are left open") { fd_count <= descriptors }
  end
end
