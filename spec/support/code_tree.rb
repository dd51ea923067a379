# frozen_string_literal: true

require "ripper"

# A tree of Ruby files with everything awkward that a directory may hold, and a count of what is
# in it that shares nothing with the one under test.
module CodeTree
  GOOD = {
    "empty.rb" => "",
    "crlf.rb" => "class Crlf\r\n  def one\r\n  end\r\nend\r\n",
    "bom.rb" => "\xEF\xBB\xBFclass WithMark; end\n",
    "nested.rb" => "module A\n  module B\n    class C\n      def m; end\n    end\n  end\nend\n",
    "singleton.rb" => "class S\n  class << self\n    def a; end\n  end\n  def self.b; end\n  def S.c; end\nend\n",
    "endless.rb" => "class E\n  def twice(x) = x * 2\n  def self.thrice(x) = x * 3\nend\n",
    "heredoc.rb" => "class H\n  TEXT = <<~TEXT\n    def fake; end\n    class Fake; end\n  TEXT\n  def real; end\nend\n",
    "latin.rb" => "# encoding: iso-8859-1\nclass Latin\n  def gr\xFC\xDFe; end\nend\n",
    "deep/er/still.rb" => "def deep; end\n",
    "with space.rb" => "module Space; end\n"
  }.freeze

  BAD = {
    "binary.rb" => "\x7FELF\x00\x01\xFF\xFE\x00".b,
    "invalid_utf8.rb" => "class Bad\n  # \xFF\xFE\nend\n",
    "syntax_error.rb" => "class Broken\n  def x\n",
    "unknown_encoding.rb" => "# encoding: klingon\nclass K; end\n"
  }.freeze

  UNREADABLE = %w[directory.rb dangling.rb].freeze
  FAILING = (BAD.keys + UNREADABLE).sort.freeze

  KINDS = { class: "class", module: "module", defs: "singleton method" }.freeze

  # @param copies [Integer] of the good files, each in a directory of its own
  def write_code_tree(root, copies: 1)
    copies.times { |number| GOOD.each { |name, bytes| write_source(File.join(root, "copy#{number}", name), bytes) } }
    BAD.each { |name, bytes| write_source(File.join(root, name), bytes) }
    Dir.mkdir(File.join(root, "directory.rb"))
    File.symlink("nowhere", File.join(root, "dangling.rb"))
  end

  # Counts by walking Ripper's tree, one file after the other.
  #
  # @return [Hash{String => Integer}] definitions of each kind
  def recount(paths)
    counts = Hash.new(0)
    paths.each do |path|
      source = File.binread(path).delete_prefix("\xEF\xBB\xBF".b)
      name = source[/\A#.*coding[:=]\s*([\w-]+)/n, 1] || "UTF-8"
      count_in(Ripper.sexp_raw(source.force_encoding(name)), "method", counts)
    end
    counts.sort.to_h
  end

  private

  def write_source(path, bytes)
    FileUtils.mkdir_p(File.dirname(path))
    File.binwrite(path, bytes)
  end

  # @param method_kind [String] what a plain `def` defines at this place
  def count_in(node, method_kind, counts)
    return unless node.is_a?(Array)

    type = node.first
    kind = type == :def ? method_kind : KINDS[type]
    counts[kind] += 1 if kind
    inside = { sclass: "singleton method", class: "method", module: "method" }.fetch(type, method_kind)
    node.each { |child| count_in(child, inside, counts) }
  end
end
