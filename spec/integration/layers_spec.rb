# frozen_string_literal: true

require "tmpdir"

RSpec.describe Layers do
  let(:root) { Dir.mktmpdir }

  after { FileUtils.rm_rf(root) }

  def plant(path, text)
    full = File.join(root, path)
    FileUtils.mkdir_p(File.dirname(full))
    File.write(full, text)
  end

  def violations
    described_class.new(root).violations
  end

  it "finds nothing wrong with this project" do
    expect(described_class.new(Processes::ROOT).violations).to eq([])
  end

  it "finds a require of a higher layer, however it is written" do
    plant("lib/minigun/dsl.rb", "")
    plant("lib/minigun/dag.rb", "require_relative \"flow\"\n")
    plant("lib/minigun/stats/a.rb", "# x\nrequire_relative '../dsl'\n")
    plant("lib/minigun/stage.rb", "  require \"minigun/runner\" if x\n")
    plant("lib/minigun/flow/slot.rb", "require_relative \"../../minigun\"\n")
    expect(violations).to contain_exactly(
      "dag.rb:1 requires flow: a higher layer", "stats/a.rb:2 requires dsl: a higher layer",
      "stage.rb:1 requires runner: a higher layer", "flow/slot.rb:1 requires ../minigun: a higher layer"
    )
  end

  it "allows lower layers, its own, and other libraries" do
    plant("lib/minigun/flow/slot.rb", <<~RUBY)
      require "json"
      require_relative "../errors"
      require_relative "node"
      require "minigun/execution"
    RUBY
    expect(violations).to eq([])
  end

  it "allows only native.rb to require the extension" do
    plant("lib/minigun/native.rb", "require_relative \"minigun.so\"\n")
    plant("lib/minigun/dag.rb", "require_relative \"minigun\"\n")
    plant("lib/minigun/flow.rb", "require \"minigun/minigun\"\n")
    expect(violations).to contain_exactly(
      "dag.rb:1 requires minigun: only native.rb does", "flow.rb:1 requires minigun: only native.rb does"
    )
  end

  it "wants a layer for every file" do
    plant("lib/minigun/helper.rb", "")
    expect(violations).to eq(["helper.rb belongs to no layer"])
  end

  it "keeps Ruby out of the C core" do
    plant("ext/minigun/ring.c", "#include \"ring.h\"\n#include <ruby.h>\n")
    plant("ext/minigun/ring.h", "# include \"rb_child.h\"\n#include \"platform.h\"\n#include <ruby/thread.h>\n")
    plant("ext/minigun/rb_child.c", "#include <ruby.h>\n#include \"minigun.h\"\n")
    expect(violations).to contain_exactly(
      "ring.c:2 includes ruby.h: the core knows no Ruby", "ring.h:1 includes rb_child.h: the core knows no Ruby",
      "ring.h:3 includes ruby/thread.h: the core knows no Ruby"
    )
  end
end
