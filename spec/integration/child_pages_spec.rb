# frozen_string_literal: true

# What a child costs is told by the pages that it copies: their number hardly depends on how fast or how
# busy the machine is.
RSpec.describe "the pages of a child (contract 0)" do
  # Pages that a child of the main thread has touched, the median of nine.
  def pages(before_each)
    result = run_script(<<~RUBY)
      require "minigun"
      children = Array.new(9) do
        #{before_each}
        child = Minigun::Execution.create_context(:fork, "child")
        child.execute { File.read("/proc/self/stat").rpartition(")").last.split[7].to_i }
        child.join
      end
      puts children.sort[4]
    RUBY
    result.stdout.to_i
  end

  # Without care for it there were 500 in either, and 1250.
  it "are few, also where much memory was freed in small pieces before" do
    pieces = <<~RUBY
      pieces = Array.new(20_000) { |number| "x" * (30 + (number % 60)) }
      pieces.each_with_index { |piece, number| piece.clear if number.odd? }
    RUBY
    expect([pages(""), pages(pieces)]).to all(be_between(1, 300))
  end
end
