# frozen_string_literal: true

module Bench
  # What travels.
  module Records
    module_function

    # A Hash of three short fields.
    def hash(number) = { id: number, name: "user #{number}", active: number.even? }

    def wide_hash(number)
      { id: number, first_name: "Ann #{number}", last_name: "Smith #{number}", mail: "ann.#{number}@example.org",
        city: "Springfield", country: "US", age: number % 90, score: number * 0.25, active: number.even?, tag: nil,
        created_at: 1_700_000_000 + number, updated_at: 1_700_000_500 + number }
    end

    def string_keyed(number) = { "id" => number, "name" => "user #{number}", "active" => number.even? }

    def nested(number)
      { id: number, tags: ["red", "blue", "number #{number}"], address: { street: "Main #{number}", zip: "12345" },
        points: [[number, 1.5], [number + 1, 2.5]] }
    end

    def string(number, bytes) = "#{number}.".ljust(bytes, "abcdefgh")
  end
end
